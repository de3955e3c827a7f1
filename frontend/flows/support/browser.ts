import { type Browser, chromium, firefox } from "playwright-core";

/** Firefox where its program is named, else Chromium: whoever runs the flows names one (tests/e2e/browser.py). */
const FIREFOX = process.env.FLOW_FIREFOX;
export const IS_FIREFOX = Boolean(FIREFOX);

/** Another name of this machine, as a person on another one would call it (Chromium). */
export const HOST_NAME = "studio.test";
const OTHER_NAME = `--host-resolver-rules=MAP ${HOST_NAME} 127.0.0.1`;

export function openBrowser(): Promise<Browser> {
  return FIREFOX ? openFirefox(FIREFOX) : openChromium(process.env.CHROMIUM);
}

function openChromium(executablePath: string | undefined): Promise<Browser> {
  if (!executablePath) throw new Error("CHROMIUM is not set: ./llmlora test runs the flows on a studio of their own.");
  // As root, Chromium starts only without its sandbox; it visits nothing but the studio.
  return chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-dev-shm-usage", OTHER_NAME] });
}

/** The Firefox of the distribution as it is, by WebDriver BiDi (Playwright's own is one of its making). */
async function openFirefox(executablePath: string): Promise<Browser> {
  const browser = await firefox.launch({ channel: "moz-firefox", executablePath });
  leaveMediaAlone(browser);
  return browser;
}

const UNKNOWN_TO_FIREFOX = "emulation.setMediaFeaturesOverride";

interface Session {
  send: (method: string, parameters?: object) => Promise<unknown>;
}

/**
 * Playwright 1.65 asks every context for the colour scheme to emulate, and Firefox up to 153 does not know how: the
 * context would not open. Nothing is emulated there; a flow that needs a theme runs in Chromium.
 */
function leaveMediaAlone(browser: Browser): void {
  const { _connection } = browser as unknown as { _connection: { toImpl: (of: Browser) => { _browserSession: Session } } };
  const sessions = Object.getPrototypeOf(_connection.toImpl(browser)._browserSession) as Session;
  const send = sessions.send;
  sessions.send = function (method, parameters) {
    return method === UNKNOWN_TO_FIREFOX ? Promise.resolve({}) : send.call(this, method, parameters);
  };
}
