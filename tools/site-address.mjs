// @ts-check
// Where the built site will lie and where its sources are, by the environment: SITE_URL=https://example.org/fovea/ and
// REPOSITORY_URL=https://example.org/someone/fovea. Without them the site names no address of its own.

/**
 * An address from the environment, without a slash at its end; undefined where it is not set.
 *
 * @param {string} name
 * @param {Record<string, string | undefined>} environment
 * @throws Error for what is no web address
 */
function addressFrom(name, environment) {
  const given = environment[name];
  if (!given) return undefined;
  if (!URL.canParse(given) || !/^https?:$/.test(new URL(given).protocol)) {
    throw new Error(`${name} must be a web address such as https://example.org/fovea/, got "${given}"`);
  }
  return given.replace(/\/+$/, '');
}

/** @param {Record<string, string | undefined>} environment */
export const siteAddresses = (environment = process.env) => ({
  site: addressFrom('SITE_URL', environment),
  repository: addressFrom('REPOSITORY_URL', environment),
});

/**
 * The page with what depends on addresses: programs that preview links read no relative ones.
 *
 * @param {string} html
 * @param {{ api: boolean, site?: string, repository?: string }} options
 */
export function addressed(html, { api, site, repository }) {
  const found = site
    ? html.replace(
        /<meta property="og:image" content="\.\/([^"]*)">/,
        `<meta property="og:image" content="${site}/$1">\n    <meta property="og:url" content="${site}/">`,
      )
    : html;
  const links = [
    ...(api ? ['<a href="api/index.html">API</a>'] : []),
    ...(repository ? [`<a href="${repository}" rel="noreferrer">Repository</a>`] : []),
  ];
  return found.replace('<!-- more documents -->', links.join('\n        '));
}
