import { describe, expect, it } from "vitest";
import { checkScript } from "../../../../shared/jobs/check-script.js";
import { formatIssue, ScriptError } from "../../../../shared/script/text/script-error.js";

const lake = { datasource: "lake", fileFormat: "csv" };
const readerWith = (format: string, type = "date") => ({
  name: "ossreader",
  parameter: { ...lake, object: ["in/d.csv"], column: [{ index: 0 }, { index: 1, type, format }] },
});
const writerWith = (dateFormat: string) => ({
  name: "osswriter",
  parameter: { ...lake, object: "out/d", writeMode: "append", dateFormat },
});
const stream = (dateFormat: string) => ({
  name: "streamreader",
  parameter: { sliceRecordCount: 1, column: [{ type: "date", value: "06-Jul-2013", dateFormat }] },
});

/** Issues, else warnings, as `place: message`. */
async function verdictOf(reader: object, writer: object, column?: object): Promise<readonly string[]> {
  const setting = { speed: { channel: 1 }, errorLimit: { record: 0 }, ...(column && { common: { column } }) };
  const text = JSON.stringify({ job: { setting, content: [{ reader, writer }] } });
  try {
    const { warnings } = await checkScript(text);
    return warnings.map(({ path, line, message }) => `line ${line}, ${path}: ${message}`);
  } catch (error) {
    if (error instanceof ScriptError) return error.issues.map(formatIssue);
    throw error;
  }
}

describe("checking a script", () => {
  it("refuses date patterns that cannot be used, each at its place", async () => {
    expect(await verdictOf(readerWith("yyyy-MM-ddTHH:mm"), writerWith("yyyy 'week"))).toEqual([
      expect.stringMatching(
        /at job\.content\[0\]\.reader\.parameter\.column\[1\]\.format: the pattern has T, .* 'T'; seen "yyyy-MM-ddTHH:mm"$/,
      ),
      expect.stringMatching(/at job\.content\[0\]\.writer\.parameter\.dateFormat: the pattern has a quote that is not/),
    ]);
    expect(await verdictOf(stream("dd-MMM-yyyy G"), writerWith("ww"))).toEqual([
      expect.stringMatching(/reader\.parameter\.column\[0\]\.dateFormat: the pattern has G, the era, which is not/),
      expect.stringMatching(/writer\.parameter\.dateFormat: the pattern has ww, the week of the year/),
    ]);
  });

  it("refuses them in the settings for the whole job, lists included", async () => {
    const column = { datetimeFormat: "yyyy-MM-ddTHH", timeFormat: "HH:mm", extraFormats: ["yyyy/MM/dd", "uuuu"] };
    expect(await verdictOf(stream("dd-MMM-yyyy"), writerWith("yyyy"), column)).toEqual([
      expect.stringMatching(/at job\.setting\.common\.column\.datetimeFormat: the pattern has T, /),
      expect.stringMatching(/at job\.setting\.common\.column\.extraFormats\[1\]: the pattern has uuuu, /),
    ]);
  });

  it("warns of letters that are likely mistaken, each at its place", async () => {
    const found = await verdictOf(readerWith("yyyy-MM-dd hh:mm:ss"), writerWith("yyyy-mm-dd HH:mm:ss"));
    expect(found).toEqual([
      expect.stringMatching(/^line 1, job\.content\[0\]\.reader\.parameter\.column\[1\]\.format: .*did you mean HH/),
      expect.stringMatching(/^line 1, job\.content\[0\]\.writer\.parameter\.dateFormat: .*did you mean MM, the month/),
    ]);
  });

  it("has nothing against names, halves of the day and quoted text, nor against what is no date or still to come", async () => {
    expect(await verdictOf(stream("dd-MMM-yyyy"), writerWith("EEE, d MMM yyyy hh 'o''clock' a z"))).toEqual([]);
    expect(await verdictOf(readerWith("#,##0.00", "double"), writerWith("dd-MMM-yyyy"))).toEqual([]);
    expect(await verdictOf(readerWith("$" + "{format}"), writerWith("dd-MMM-yyyy"))).toEqual([]);
  });
});
