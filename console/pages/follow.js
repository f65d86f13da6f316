// What a part of a page shows is asked for when it is opened, and again every few seconds for as long as it is there.
import { onBeforeUnmount, onMounted } from "./lib.js";

const EVERY_MS = 5000;

/** `work` puts into `state` what was answered; what went wrong stands in `state.fault`. Returns what asks at once. */
export function follow(state, work, { everyMs = EVERY_MS, wanted = () => true } = {}) {
  async function load() {
    try {
      await work();
      state.fault = "";
    } catch (problem) {
      state.fault = problem.message;
    }
  }
  onMounted(load);
  const timer = setInterval(() => { if (wanted()) load(); }, everyMs);
  onBeforeUnmount(() => clearInterval(timer));
  return load;
}
