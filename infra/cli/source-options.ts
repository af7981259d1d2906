import { type Command, InvalidArgumentError } from "commander";
import { type SourceEnvironment, sourceEnvironments } from "../../shared/model/workspace.js";
import type { DefinitionRequest } from "./api-requests.js";
import { collectList, collectPairs } from "./pairs.js";

/** What the command line says about a definition beside its properties. */
export interface DefinitionOptions {
  readonly environment?: SourceEnvironment;
  readonly description?: string;
  readonly tag?: readonly string[];
  readonly resourceGroup?: string;
}

/** Adds the options that name connection properties. */
export function withPropertyOptions(command: Command): Command {
  return command
    .option("--set <property=value>", "a connection property; lists and objects as JSON; may be repeated", collectPairs)
    .option("--secret <property>", "a property to ask for without showing it; may be repeated", collectList)
    .option("--secret-env <property=VAR>", "a property to take from an environment variable", collectPairs);
}

/** Adds the options of a definition. */
export function withDefinitionOptions(command: Command): Command {
  return command
    .option("--environment <environment>", "development or production, in a standard workspace", environmentOption)
    .option("--description <text>", "what it is")
    .option("--tag <tag>", "a word to find it by; may be repeated", collectList)
    .option("--resource-group <group>", "the network it is reached from");
}

/** Parses an environment. For commander's `argParser`. */
export function environmentOption(text: string): SourceEnvironment {
  const found = sourceEnvironments.find((one) => one === text);
  if (!found) throw new InvalidArgumentError("Give development or production.");
  return found;
}

/** What of a definition the command line gave. */
export function definitionOf({ environment, description, tag, resourceGroup }: DefinitionOptions): DefinitionRequest {
  return {
    ...(environment !== undefined && { environment }),
    ...(description !== undefined && { description }),
    ...(tag !== undefined && { tags: tag }),
    ...(resourceGroup !== undefined && { resourceGroup: resourceGroup === "" ? null : resourceGroup }),
  };
}
