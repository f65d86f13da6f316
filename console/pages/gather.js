// Bursts of events become one piece of work: what is heard is gathered for a while, then done at once.
import { onBeforeUnmount } from "./lib.js";

/** Hands `work` everything it was told within `everyMs`, each once; never a second time before the first is done. */
export function gathered(work, everyMs) {
  const waiting = new Set();
  let [due, busy, gone] = [0, false, false];
  function plan() {
    if (!due && !busy && !gone && waiting.size) due = setTimeout(run, everyMs);
  }
  async function run() {
    const told = [...waiting];
    waiting.clear();
    [due, busy] = [0, true];
    try {
      await work(told);
    } finally {
      busy = false;
      plan();
    }
  }
  onBeforeUnmount(() => { gone = true; clearTimeout(due); });
  return (one) => { waiting.add(one); plan(); };
}
