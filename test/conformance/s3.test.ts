import { s3 } from "../../shared/connectors/s3/index.js";
import { startS3Place } from "../servers/object-places.js";
import { objectCases } from "./object-cases.js";
import { objectFixture, objectModes } from "./object-fixture.js";
import { conformance } from "./suite.js";

conformance(s3, objectFixture(startS3Place), { modes: objectModes });
objectCases(s3, startS3Place);
