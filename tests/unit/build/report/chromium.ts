import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import * as z from 'zod';
import { cleanEnvironment } from '../../../../common/run.ts';

const flags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--hide-scrollbars',
  '--force-color-profile=srgb',
  '--remote-debugging-pipe',
];
const answerSchema = z.object({
  id: z.int().optional(),
  method: z.string().optional(),
  sessionId: z.string().optional(),
  result: z.record(z.string(), z.unknown()).optional(),
  error: z.object({ message: z.string() }).optional(),
});
type Answer = z.infer<typeof answerSchema>;

/**
 * Headless Chromium, spoken to over its debugging pipe (descriptors 3 and 4, JSON ended by zero bytes): its command
 * line alone cannot make a window narrower than 500 pixels, which a phone is.
 */
export class Chromium {
  readonly #child: ChildProcess;
  readonly #profile: string;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  readonly #events: { method: string; seen: () => void }[] = [];
  readonly #send: Writable;
  #session = '';
  #last = 0;

  private constructor(child: ChildProcess, profile: string) {
    const [, , , send, receive] = child.stdio;
    if (!(send instanceof Writable) || !(receive instanceof Readable)) throw new Error('no debugging pipe');
    this.#child = child;
    this.#profile = profile;
    this.#send = send;
    let rest = '';
    receive.setEncoding('utf8').on('data', (text: string) => {
      const messages = (rest + text).split('\0');
      rest = messages.pop() ?? '';
      for (const message of messages) this.#take(answerSchema.parse(JSON.parse(message)));
    });
  }

  /** Starts a browser with a profile of its own and an empty page. */
  static async start(): Promise<Chromium> {
    const profile = mkdtempSync(join(tmpdir(), 'rekindle-chromium-'));
    const child = spawn('chromium', [...flags, `--user-data-dir=${profile}`, 'about:blank'], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
      env: { ...cleanEnvironment, HOME: profile },
      detached: true,
    });
    const browser = new Chromium(child, profile);
    // Nothing listens to a browser that could not start or died: its questions end with it.
    child.once('error', (error) => browser.#end(error.message));
    child.once('exit', (code, signal) => browser.#end(`ended with ${code ?? signal}`));
    const { targetId } = await browser.#ask('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await browser.#ask('Target.attachToTarget', { targetId, flatten: true });
    browser.#session = z.string().parse(sessionId);
    await browser.#ask('Page.enable', {});
    return browser;
  }

  #end(why: string): void {
    for (const [id, done] of this.#waiting) done({ id, error: { message: `chromium ${why}` } });
  }

  #take(answer: Answer): void {
    if (answer.id !== undefined) this.#waiting.get(answer.id)?.(answer);
    const at = this.#events.findIndex(({ method }) => method === answer.method);
    if (at >= 0) for (const { seen } of this.#events.splice(at, 1)) seen();
  }

  async #ask(method: string, params: Record<string, unknown>): Promise<Record<string, unknown>> {
    this.#last += 1;
    const id = this.#last;
    const answer = await new Promise<Answer>((resolve) => {
      this.#waiting.set(id, resolve);
      const session = this.#session === '' ? {} : { sessionId: this.#session };
      this.#send.write(`${JSON.stringify({ id, method, params, ...session })}\0`);
    });
    this.#waiting.delete(id);
    if (answer.error) throw new Error(`${method}: ${answer.error.message}`);
    return answer.result ?? {};
  }

  /** Opens a file as in a window (or on paper) of this width, in CSS pixels; one of them is one pixel of the screenshot. */
  async open(file: string, width: number, media: 'screen' | 'print' = 'screen'): Promise<void> {
    const metrics = { width, height: 900, deviceScaleFactor: 1, mobile: false };
    await this.#ask('Emulation.setEmulatedMedia', { media });
    await this.#ask('Emulation.setDeviceMetricsOverride', metrics);
    const loaded = new Promise<void>((seen) => this.#events.push({ method: 'Page.loadEventFired', seen }));
    await this.#ask('Page.navigate', { url: `file://${file}` });
    await loaded;
  }

  /** The whole page as it is drawn, as a PNG. */
  async screenshot(): Promise<Buffer> {
    const { data } = await this.#ask('Page.captureScreenshot', { format: 'png', captureBeyondViewport: true });
    return Buffer.from(z.string().parse(data), 'base64');
  }

  /** Printed on A4 as the page wishes, as a PDF. */
  async print(): Promise<Buffer> {
    const { data } = await this.#ask('Page.printToPDF', { preferCSSPageSize: true, printBackground: true });
    return Buffer.from(z.string().parse(data), 'base64');
  }

  /** The value of an expression in the page, as JSON. The page's own policy does not hold for it. */
  async evaluate<T>(expression: string, schema: z.ZodType<T>): Promise<T> {
    const answer = await this.#ask('Runtime.evaluate', { expression, returnByValue: true });
    return schema.parse(z.object({ value: z.unknown() }).parse(answer.result).value);
  }

  async stop(): Promise<void> {
    const gone = new Promise<void>((resolve) => {
      this.#child.once('exit', () => resolve());
    });
    // Its own process group: the renderers go with it.
    if (this.#child.pid !== undefined && this.#child.exitCode === null) process.kill(-this.#child.pid, 'SIGKILL');
    await gone;
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 5 });
  }
}
