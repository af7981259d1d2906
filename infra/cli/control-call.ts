import { Unreachable } from "../../shared/api/client/failures.js";
import { UserError } from "../../shared/model/errors.js";
import type { ControlState } from "../local/control.js";
import type { ControlOrder } from "../local/control-orders.js";
import { BadInput } from "./bad-input.js";
import { occupantOf } from "./local-folder.js";

/**
 * Gives an order to the local cloud that runs on a data folder.
 *
 * @throws BadInput when none does, or when it refuses the order
 */
export async function orderLocal(folder: string, order: ControlOrder): Promise<ControlState> {
  const control = (await occupantOf(folder))?.control;
  if (!control) throw new BadInput(`no local cloud runs on ${folder}`, "Start one in another terminal: sluice local.");
  const answer = await fetch(control.endpoint, {
    method: "POST",
    headers: { authorization: `Bearer ${control.token}`, "content-type": "application/json" },
    body: JSON.stringify(order),
  }).catch((cause: unknown) => {
    throw new Unreachable(`the local cloud of ${folder} does not answer`, "Stop it and start it again.", { cause });
  });
  // What answers on this port has shown the folder's note to be true: it is our own control interface.
  if (answer.ok) return (await answer.json()) as ControlState;
  const { code, message } = (await answer.json()) as { code: UserError["code"]; message: string };
  throw new UserError(code, message);
}
