import { expect, it } from "vitest";
import { loadConnector } from "../../../../shared/connectors/registry.js";
import { requireOwnVariable } from "../../../../shared/sources/own-variable.js";

const refuses = async (passwordEnv: string, workspace: string): Promise<boolean> => {
  const connector = await loadConnector("postgresql");
  try {
    requireOwnVariable(connector, { passwordEnv }, workspace);
    return false;
  } catch (error) {
    expect(error).toMatchObject({ code: "CONFIG_INVALID", path: "properties.passwordEnv" });
    return true;
  }
};

it.each([
  ["SLUICE_SECRET_shop__ORDERS", "shop"],
  ["SLUICE_SECRET_shop__ORDERS_2", "shop"],
  [" SLUICE_SECRET_shop__ORDERS ", "shop"],
  ["SLUICE_SECRET_a__b__X", "a__b"],
  ["SLUICE_SECRET_a___X", "a_"],
])("the variable %s belongs to workspace %s", async (variable, workspace) => {
  expect(await refuses(variable, workspace)).toBe(false);
});

it.each([
  ["SLUICE_SECRET_shop__ORDERS", "default"],
  ["SLUICE_SECRET_shop__ORDERS", "Shop"],
  ["SLUICE_SECRET_SHOP", "SHOP"],
  ["SLUICE_SECRET_a__b__X", "a"],
  ["SLUICE_SECRET_a___X", "a"],
  ["SLUICE_SECRET_shop__", "shop"],
  ["SLUICE_SECRET___X", ""],
  ["SLUICE_SECRET_shop__X_", "shop"],
])("the variable %s is none of workspace %s", async (variable, workspace) => {
  expect(await refuses(variable, workspace)).toBe(true);
});

it("data sources that name no variable are none of its business", async () => {
  const lake = await loadConnector("oss");
  expect(() => requireOwnVariable(lake, { authType: "RamRole" }, "shop")).not.toThrow();
  expect(() => requireOwnVariable(lake, { accessId: "SLUICE_SECRET_other__X" }, "shop")).not.toThrow();
});
