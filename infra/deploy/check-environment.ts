import type { DeclaredFunction } from "./check-functions.js";
import { STAGE, STAGE_EXPECTED } from "./names.js";
import { type Violation, violation } from "./violation.js";

/** Passwords of data sources whose names users choose (`passwordEnv`): they may be declared, and no code names them. */
const CHOSEN_BY_USERS = /^SLUICE_SECRET_[A-Za-z][A-Za-z0-9_]*__[A-Z0-9_]+$/;

/** Bytes that all variables of a function may take. */
const MOST_BYTES = 4096;

interface Rule {
  readonly pattern: RegExp;
  readonly expected: string;
}

const endpoint = (example: string): Rule => ({
  pattern: /^https:\/\/[a-z0-9.-]+$/,
  expected: `https://… without a path, such as ${example}`,
});

/** What values must look like in an account; names that are missing here may be empty. */
const rules: Readonly<Record<string, Rule>> = {
  SLUICE_STAGE: { pattern: STAGE, expected: STAGE_EXPECTED },
  SLUICE_OTS_ENDPOINT: endpoint("https://sluice-prod.cn-hangzhou.ots-internal.aliyuncs.com"),
  SLUICE_OTS_INSTANCE: { pattern: /^[A-Za-z][A-Za-z0-9-]{2,15}$/, expected: "3 to 16 letters, digits or -" },
  SLUICE_OSS_ENDPOINT: endpoint("https://oss-cn-hangzhou-internal.aliyuncs.com"),
  SLUICE_OSS_BUCKET: {
    pattern: /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/,
    expected: "3 to 63 lower-case letters, digits or -",
  },
  SLUICE_FC_ENDPOINT: { pattern: /^(https:\/\/[a-z0-9.-]+)?$/, expected: "empty, or https://…" },
  SLUICE_KMS_ENDPOINT: { pattern: /^(https:\/\/[a-z0-9.-]+)?$/, expected: "empty, or https://…" },
  SLUICE_STS_ENDPOINT: { pattern: /^(https:\/\/[a-z0-9.-]+)?$/, expected: "empty, or https://…" },
  SLUICE_MASTER_KEY: { pattern: /^([A-Za-z0-9+/]{43}=)?$/, expected: "empty, or 32 bytes in base64" },
  SLUICE_MASTER_KEY_PREVIOUS: { pattern: /^([A-Za-z0-9+/]{43}=)?$/, expected: "empty, or 32 bytes in base64" },
  SLUICE_ALLOW_ENV_KEY: { pattern: /^[01]$/, expected: "0 or 1" },
  SLUICE_API_TOKEN_HASH: {
    pattern: /^[0-9a-f]{64}$/,
    expected: "the SHA-256 of the admin token in hex, which sluice bootstrap prints",
  },
  SLUICE_AUTO_BOOTSTRAP: { pattern: /^0$/, expected: "0: sluice bootstrap makes tables and buckets" },
};

/**
 * Environment variables: each that the code names is declared and the other way round, and values fit an account.
 *
 * @param namesInCode  variables that the built functions mention; null = there are none built
 */
export function checkEnvironment(
  functions: readonly DeclaredFunction[],
  namesInCode: ReadonlySet<string> | null,
): Violation[] {
  return functions.flatMap(({ resource, props }) => {
    const { environmentVariables: declared, cpu } = props;
    const path = "props.environmentVariables";
    const found: Violation[] = [];
    for (const name of namesInCode ?? [])
      if (!Object.hasOwn(declared, name) && !CHOSEN_BY_USERS.test(name))
        found.push(
          violation(resource, `${path}.${name}`, { value: undefined, expected: "declared: the code reads it" }),
        );
    for (const [name, value] of Object.entries(declared)) {
      if (namesInCode?.has(name) === false && !CHOSEN_BY_USERS.test(name))
        found.push(violation(resource, `${path}.${name}`, { value, expected: "no such variable: no code reads it" }));
      const rule = rules[name];
      if (rule && !rule.pattern.test(value))
        found.push(violation(resource, `${path}.${name}`, { value, expected: rule.expected }));
    }
    if (declared.SLUICE_VCPU !== String(cpu))
      found.push(
        violation(resource, `${path}.SLUICE_VCPU`, {
          value: declared.SLUICE_VCPU,
          expected: `${cpu}, the function's cpu: costs are counted with it`,
        }),
      );
    const bytes = Object.entries(declared).reduce((sum, pair) => sum + Buffer.byteLength(pair.join("=")), 0);
    if (bytes > MOST_BYTES)
      found.push(
        violation(resource, path, { value: `${bytes} bytes`, expected: `at most ${MOST_BYTES} bytes together` }),
      );
    return [...found, ...checkKeys(resource, declared)];
  });
}

function checkKeys(resource: string, declared: Readonly<Record<string, string>>): Violation[] {
  const { SLUICE_KMS_KEY_ID: kmsKey = "", SLUICE_MASTER_KEY: masterKey = "" } = declared;
  const field = "props.environmentVariables.SLUICE_KMS_KEY_ID";
  if (kmsKey === "" && masterKey === "")
    return [
      violation(resource, field, { value: kmsKey, expected: "a KMS key's id; or a master key in SLUICE_MASTER_KEY" }),
    ];
  if (masterKey === "" || declared.SLUICE_STAGE !== "prod" || declared.SLUICE_ALLOW_ENV_KEY === "1") return [];
  return [
    violation(resource, "props.environmentVariables.SLUICE_MASTER_KEY", {
      value: masterKey,
      expected: "empty in stage prod, which seals with KMS, unless SLUICE_ALLOW_ENV_KEY is 1",
    }),
  ];
}
