// A journey through the dashboard in Firefox, over WebDriver BiDi: node scripts/firefox.mjs FIREFOX URL EMAIL PASSWORD
// One line a step on standard output. Waits for "new" on standard input before it expects the second issue. Exits with 1 on the first failure.
import { once } from "node:events";
import puppeteer from "puppeteer-core";

const [executablePath, url, email, password] = process.argv.slice(2);
const LONGEST_MS = 30_000;
const faults = [];

const browser = await puppeteer.launch({ browser: "firefox", executablePath, timeout: 2 * LONGEST_MS });
const page = await browser.newPage();
await page.setViewport({ width: 1280, height: 800 });
page.on("pageerror", (error) => faults.push(`error: ${error}`));
page.on("console", (said) => {
  if (said.type() === "error") faults.push(`console: ${said.text()}`);
});

const sees = (...texts) =>
  page.waitForFunction((wanted) => wanted.every((text) => document.body.textContent.includes(text)), { timeout: LONGEST_MS }, texts);

const steps = {
  async "create an account"() {
    await page.goto(url);
    await page.waitForSelector("input[type=password]");
    await page.type("form input", email);
    await page.type("input[type=password]", password);
    await page.keyboard.press("Enter");
    await sees("Setup complete");
  },
  async "read the issues"() {
    await page.goto(new URL("/issues", url).href);
    await sees("Live", "app of web");
  },
  async "open one by keyboard and acknowledge it"() {
    await page.keyboard.press("j");
    await page.keyboard.press("Enter");
    await sees("Acknowledge", "Timeline");
    await page.keyboard.press("a");
    await sees("Acknowledged");
  },
  async "see a new issue without reloading"() {
    console.log("waiting for an issue");
    await once(process.stdin, "data");
    await sees("1 new");
    await page.evaluate(() => [...document.querySelectorAll("button")].find((one) => one.textContent.includes("1 new")).click());
    await sees("app of pay");
  },
  async "find it in the palette"() {
    await page.keyboard.press("Escape");
    await page.keyboard.down("Control");
    await page.keyboard.press("k");
    await page.keyboard.up("Control");
    await page.waitForSelector("[role=dialog] input");
    await page.keyboard.type("app of pay");
    await page.waitForFunction(() => document.querySelector("[role=dialog]")?.textContent.includes("app of pay"), {
      timeout: LONGEST_MS,
    });
    await page.keyboard.press("Escape");
  },
  async "read every other page"() {
    for (const [path, text] of Object.entries({
      "/": "Overview",
      "/clusters": "production",
      "/resources": "Resources",
      "/runbooks": "Restart a workload",
      "/activity": "Activity",
      "/settings": "Settings",
    })) {
      await page.goto(new URL(path, url).href);
      await sees(text);
    }
  },
};

try {
  for (const [name, step] of Object.entries(steps)) {
    await step();
    console.log(name);
  }
  if (faults.length > 0) throw new Error(faults.join("\n"));
} catch (error) {
  console.error(String(error), "\n", await page.evaluate(() => document.body.textContent).catch(() => "no page"));
  process.exitCode = 1;
} finally {
  await browser.close();
  process.stdin.destroy();
}
