// What a person does by a button: one thing at a time, and a word where it cannot be done.
import { ElMessage, html } from "./lib.js";
import { inWords } from "./i18n.js";

/** Does `work` unless `state` is busy, and says what went wrong, for `duration` ms; whether it is done. */
export async function act(state, work, duration = 3000) {
  if (state.busy) return false;
  state.busy = true;
  try {
    await work();
    return true;
  } catch (problem) {
    ElMessage.error({ message: inWords(problem.message), duration });
    return false;
  } finally {
    state.busy = false;
  }
}

/** A button in a row that itself leads elsewhere: neither its click nor its keys are the row's. `mark` names it for tests. */
export function rowButton(mark, id, words, work, disabled = false) {
  const own = (event) => event.stopPropagation();
  return html`<button class="plain" ...${{ [`data-${mark}`]: id }} disabled=${disabled} onClick=${(event) => { own(event); work(); }} onKeydown=${own}>${words}</button>`;
}
