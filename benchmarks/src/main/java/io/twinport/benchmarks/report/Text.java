package io.twinport.benchmarks.report;

import java.util.Locale;

/** Numbers for people. */
final class Text {
  private static final int DIGITS = 3;

  private Text() {}

  /** Three digits that count, and no more behind the point than they take. */
  static String number(double value) {
    double size = Math.abs(value);
    if (size == 0) {
      return "0";
    }
    int before = (int) Math.floor(Math.log10(size)) + 1;
    int decimals = Math.max(0, Math.min(DIGITS, DIGITS - before));
    return String.format(Locale.ROOT, size >= 10_000 ? "%,.0f" : "%." + decimals + "f", value);
  }

  /** With the spread. */
  static String figure(Figure figure) {
    return figure.count() < 2
        ? number(figure.median())
        : number(figure.median()) + " " + spread(figure);
  }

  /** The lowest and the highest in brackets; empty where there is one value only. */
  static String spread(Figure figure) {
    return figure.count() < 2
        ? ""
        : "[" + number(figure.low()) + "\u2013" + number(figure.high()) + "]";
  }

  /** A constant's name. */
  static String lower(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  /** As people write it; files for programs keep to ASCII. */
  static String unit(String unit) {
    return unit.equals("us") ? "\u00b5s" : unit;
  }
}
