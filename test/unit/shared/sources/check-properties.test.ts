import { describe, expect, it } from "vitest";
import { mysql } from "../../../../shared/connectors/mysql/index.js";
import { checkProperties } from "../../../../shared/sources/check-properties.js";

const barn = { host: "barn.example", database: "farm", username: "goat" };
const refusal = (properties: Parameters<typeof checkProperties>[1]) => () => checkProperties(mysql, properties, "p");

describe("connection properties that do not fit", () => {
  it("are told with what was expected and what was seen", () => {
    expect(refusal({ ...barn, port: "99999" })).toThrow('p.port: expected at most 65535; seen "99999"');
    expect(refusal({ ...barn, securityProtocol: "authTypeSSL" })).toThrow(
      'p.securityProtocol: expected "authTypeNone" or "authTypeSsl"; seen "authTypeSSL"; did you mean "authTypeSsl"?',
    );
    expect(refusal({ ...barn, username: "" })).toThrow('p.username: expected a text that is not blank; seen ""');
    expect(refusal({ host: "barn.example", username: "goat" })).toThrow("p.database: required");
  });

  it("never show a secret, nor a URL, in which one may be", () => {
    expect(refusal({ ...barn, password: 4711 })).toThrow(/^p\.password: expected a text$/);
    expect(refusal({ ...barn, jdbcUrl: "jdbc:hay://clover-99@x" })).toThrow(/^(?!.*clover-99)p\.jdbcUrl: /);
  });
});
