// What was filled in and is not kept yet: while there is any, the browser asks before the tab is reloaded or closed.
const filled = new Set();

function ask(event) {
  event.preventDefault();
}

/** Drafts by name, of which the browser asks. */
export class Unkept extends Map {
  set(name, draft) {
    super.set(name, draft);
    this.heed();
    return this;
  }

  delete(name) {
    const was = super.delete(name);
    this.heed();
    return was;
  }

  heed() {
    if (this.size) filled.add(this);
    else filled.delete(this);
    if (filled.size) window.addEventListener("beforeunload", ask); // the same listener once more is no second one
    else window.removeEventListener("beforeunload", ask);
  }
}
