// Which campaign the log tells something of.
import { onBeforeUnmount } from "../lib.js";
import { onEvent } from "../live.js";

const TOLD = /^(attempt|campaign|contact|preview|survey)\./;

/** Of no campaign by name: anything may have changed. */
export const ANY = "";

/** Calls `heard(campaign, name)` for each event of a campaign and its contacts; ANY where events were missed. */
export function onCampaign(heard) {
  onBeforeUnmount(onEvent((event) => {
    if (event.kind === "gap") heard(ANY, "");
    else if (TOLD.test(event.name) && event.data.campaign) heard(event.data.campaign, event.name);
  }));
}
