import { s3 } from "../../shared/connectors/s3/index.js";
import { startS3Place } from "../servers/object-places.js";
import { objectCases } from "./object-cases.js";
import { objectFixture, objectOptions } from "./object-fixture.js";
import { conformance } from "./suite.js";

conformance(s3, objectFixture(startS3Place), objectOptions);
objectCases(s3, startS3Place);
