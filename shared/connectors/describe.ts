import type { ConnectorSummary, ConnectorView, SideDescription } from "../model/connector-view.js";
import type { Connector, Reader, Writer } from "./contract.js";
import { describeFields } from "./params/describe.js";
import { aliasesOf } from "./registry.js";

/** What a connector can do. */
export function summarizeConnector(connector: Connector): ConnectorSummary {
  return {
    type: connector.name,
    title: connector.title,
    aliases: aliasesOf(connector.name),
    readable: connector.reader !== undefined,
    writable: connector.writer !== undefined,
    testable: connector.check !== undefined,
    browsable: connector.catalog !== undefined,
  };
}

/** Describes a connector: its data source, its reader, its writer. Everything comes from their schemas. */
export function describeConnector(connector: Connector): ConnectorView {
  return {
    ...summarizeConnector(connector),
    source: { fields: describeFields(connector.source.schema) },
    reader: describeSide(connector.reader),
    writer: describeSide(connector.writer),
  };
}

type Side = Pick<Reader<unknown, unknown> | Writer<unknown, unknown>, "params" | "template">;

function describeSide(side: Side | undefined): SideDescription | null {
  return side ? { fields: describeFields(side.params), template: side.template() } : null;
}
