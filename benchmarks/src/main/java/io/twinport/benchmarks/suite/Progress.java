package io.twinport.benchmarks.suite;

/** Is told how far a run has got. */
public interface Progress extends AutoCloseable {
  /** A step begins. */
  void begin(String step);

  /** A step has ended, in one way or another. */
  void end();

  /** Something that the user must see, beside the report. */
  void warn(String line);

  @Override
  void close();
}
