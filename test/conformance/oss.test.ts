import { oss } from "../../shared/connectors/oss/index.js";
import { startOssPlace } from "../servers/object-places.js";
import { objectCases } from "./object-cases.js";
import { objectFixture, objectOptions } from "./object-fixture.js";
import { conformance } from "./suite.js";

conformance(oss, objectFixture(startOssPlace), objectOptions);
objectCases(oss, startOssPlace);
