/**
 * Errors whose text holds names, words of the statement and settings at most, never a value that the server has read or computed (server
 * error references of MySQL and MariaDB). All others count as if they quoted records: 1062 shows the key, 1292 the text that is no
 * number, 1105 what `extractvalue` was made to choke on, and what a trigger signals may be anything.
 */
const ofNames: ReadonlySet<number> = new Set([
  // Who may do what.
  ...[1044, 1045, 1130, 1142, 1143, 1227, 1370, 1698, 1820, 1862, 3118, 3159],
  // What there is, and what there is none of.
  ...[1046, 1049, 1051, 1054, 1072, 1109, 1146, 1176, 1193, 1298, 1305, 1347, 1356],
  // How a statement is written.
  ...[1052, 1055, 1056, 1060, 1064, 1066, 1103, 1110, 1111, 1115, 1136, 1140, 1222, 1235, 1239, 1241, 1242, 1247, 1248],
  ...[1267, 1273, 1295, 1318, 1582, 1583],
  // How the server is, and how busy.
  ...[
    1040, 1041, 1053, 1129, 1152, 1158, 1159, 1160, 1161, 1184, 1203, 1205, 1206, 1213, 1226, 1290, 1317, 1792, 1836,
    1927, 1969,
  ],
  ...[2006, 2013, 3024, 3032, 3101, 3168, 3169, 3948, 4031],
  // What a table demands.
  ...[1048, 1364],
]);

/** True when the text of this error quotes no record, whatever was asked. */
export function quotesNoData(errno: number): boolean {
  return ofNames.has(errno);
}
