import { byId, make } from '../dom';

/** Shows the feature maps of the chosen layer over the whole window, until they are closed. */
export function openLarge(title: string): void {
  const maps = byId('maps');
  if (maps.closest('dialog')) return;
  const home = maps.parentElement!;
  const close = make('button', { type: 'button' }, 'Close');
  const head = make('header', {}, make('h3', { id: 'large-title' }, title), close);
  const dialog = make('dialog', { class: 'large', 'aria-labelledby': 'large-title' }, head, maps);
  close.addEventListener('click', () => dialog.close());
  dialog.addEventListener('close', () => {
    home.append(maps);
    dialog.remove();
  });
  document.body.append(dialog);
  dialog.showModal();
}
