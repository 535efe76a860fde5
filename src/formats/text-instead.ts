/** What a text is that was found where a file of weights should be, or undefined for anything else. */
export function textInstead(bytes: Uint8Array): string | undefined {
  const start = String.fromCharCode(...bytes.subarray(0, 64)).trimStart();
  if (start.startsWith('version https://git-lfs')) return 'a Git LFS pointer: fetch the file itself, by git lfs pull';
  return /^<(!doctype|html|\?xml)/i.test(start) ? 'a web page' : undefined;
}
