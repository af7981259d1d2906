import { z } from "zod";
import { readTimer } from "./fc/cron.js";

const hook = z.object({
  handler: z.string().regex(/\../, "expected file.export"),
  timeout: z.number().int().min(1).max(300).default(3),
});

const destination = z.object({ destination: z.string() });

const asyncInvokeConfig = z.object({
  asyncTask: z.boolean().default(false),
  maxAsyncRetryAttempts: z.number().int().min(0).max(8).default(3),
  maxAsyncEventAgeInSeconds: z.number().int().min(1).max(604_800).default(86_400),
  destinationConfig: z.object({ onSuccess: destination.optional(), onFailure: destination.optional() }).optional(),
});

const trigger = z.object({
  triggerName: z.string().min(1),
  triggerType: z.enum(["http", "timer", "oss"], {
    error: "the local cloud knows the trigger types http, timer and oss",
  }),
  triggerConfig: z.unknown(),
  sourceArn: z.string().optional(),
});

/** One resource of the file: the props of the fc3 component that matter to a function's life, with FC's defaults and limits. */
export const functionProps = z.object({
  component: z.string().regex(/^fc3(@.*)?$/, "the local cloud knows the component fc3"),
  props: z.object({
    functionName: z.string().regex(/^[A-Za-z_][A-Za-z0-9_-]{0,63}$/, "expected letters, digits, _ and -, at most 64"),
    handler: z.string().regex(/\../, "expected file.export"),
    runtime: z.string().regex(/^nodejs\d+$/, "the local cloud runs the built-in nodejs runtimes"),
    memorySize: z.number().int().min(128).max(32_768).multipleOf(64).default(512),
    timeout: z.number().int().min(1).max(86_400).default(3),
    environmentVariables: z.record(z.string(), z.string()).default({}),
    concurrencyConfig: z.object({ reservedConcurrency: z.number().int().min(0).optional() }).optional(),
    asyncInvokeConfig: asyncInvokeConfig.prefault({}),
    instanceLifecycleConfig: z.object({ initializer: hook.optional(), preStop: hook.optional() }).optional(),
    triggers: z.array(trigger).default([]),
  }),
});

/** A resource as {@link functionProps} reads it. */
export type ManifestFunctionProps = z.infer<typeof functionProps>;

/** A trigger before its configuration is read by type. */
export type TriggerProps = z.infer<typeof trigger>;

/** What a trigger's configuration looks like, by trigger type. */
export const triggerConfigs = {
  http: z.object({
    authType: z.literal("anonymous", { error: "the local cloud imitates HTTP triggers with authType anonymous" }),
    methods: z.array(z.enum(["GET", "POST", "PUT", "DELETE", "HEAD", "PATCH", "OPTIONS"])).min(1),
  }),
  timer: z.object({
    cronExpression: z.string().superRefine((expression, problems) => {
      try {
        readTimer(expression);
      } catch (error) {
        problems.addIssue({ code: "custom", message: error instanceof Error ? error.message : String(error) });
      }
    }),
    enable: z.boolean().default(true),
    payload: z.string().default(""),
  }),
  oss: z.object({
    events: z
      .array(z.string().regex(/^oss:Object[A-Za-z]+:[A-Za-z]*\*?$/, "expected oss:ObjectCreated:… or alike"))
      .min(1),
    filter: z
      .object({ key: z.object({ prefix: z.string().default(""), suffix: z.string().default("") }).prefault({}) })
      .prefault({}),
  }),
};
