package io.twinport.it.failures;

import java.util.Arrays;
import java.util.List;

/**
 * What a program of the torture says of one end of a connection.
 *
 * @param id the connection; null at a server that was not told it
 * @param announced bytes that were to come in
 * @param attempted bytes that the application has given to be written
 * @param confirmed of those, what it was told is written
 * @param stall tenths of a second without progress, the most of them in a row
 * @param flags a letter for each thing that has happened to it
 */
record TortureReport(
    String id,
    boolean client,
    String api,
    boolean orderly,
    long announced,
    long received,
    long wrong,
    long attempted,
    long confirmed,
    long stall,
    String flags,
    String error) {

  /** Bytes by which a client tells the server the connection's id. */
  static final int HEADER_BYTES = 32;

  private static final int FIELDS = 13;

  static List<TortureReport> parse(String text) {
    return Arrays.stream(text.split(";", -1))
        .filter(each -> !each.isEmpty())
        .map(TortureReport::one)
        .toList();
  }

  private static TortureReport one(String text) {
    String[] fields = text.split(":", -1);
    if (fields.length != FIELDS) {
      throw new IllegalArgumentException(text);
    }
    return new TortureReport(
        fields[1].equals("-") ? null : fields[0] + ":" + fields[1],
        fields[2].equals("client"),
        fields[3],
        fields[4].equals("orderly"),
        Long.parseLong(fields[5]),
        Long.parseLong(fields[6]),
        Long.parseLong(fields[7]),
        Long.parseLong(fields[8]),
        Long.parseLong(fields[9]),
        Long.parseLong(fields[10]),
        fields[11],
        fields[12]);
  }

  private long pair() {
    return Long.parseUnsignedLong(id.substring(id.indexOf(':') + 1), 16) >>> 32;
  }

  /** Which start of a client it is from. */
  int tag() {
    return (int) (pair() / 8);
  }

  /** The number of the server. */
  int target() {
    return (int) (pair() % 8);
  }

  private boolean has(char flag) {
    return flags.indexOf(flag) >= 0;
  }

  boolean endOfStream() {
    return has('e');
  }

  boolean shut() {
    return has('s');
  }

  boolean reset() {
    return has('r');
  }

  /** Whether this end closed before all was said: it meant to, was made to, or had to. */
  boolean closed() {
    return has('p') || has('d') || has('w');
  }

  boolean failedToConnect() {
    return has('C');
  }

  boolean failed() {
    return has('R') || has('W') || has('C');
  }

  /** Everything has come and gone, and it has ended in order. */
  boolean complete() {
    return endOfStream() && shut() && received == announced && !failed() && !closed();
  }
}
