package io.twinport.benchmarks.suite;

/** This machine can't do what a row needs. The message says what is missing. */
final class Unavailable extends Exception {
  private static final long serialVersionUID = 1;

  Unavailable(String why) {
    super(why);
  }
}
