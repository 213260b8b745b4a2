package io.twinport.faults;

import java.io.IOException;

/** What is thrown, and before which instructions of the woven classes. */
public enum Fault {
  /** At the beginning of a method, and before calls of the JDK's and of libraries. */
  STACK_OVERFLOW(Step.ENTRY, Step.CALL, Step.BLOCKING, Step.SPI, Step.SPI_IO) {
    @Override
    Throwable make() {
      return new StackOverflowError(TEXT);
    }
  },
  /** Before an object or array is made. */
  OUT_OF_MEMORY(Step.ALLOCATION) {
    @Override
    Throwable make() {
      return new OutOfMemoryError(TEXT);
    }
  },
  /** As tools throw that look for calls which may block. */
  TOOL(Step.BLOCKING) {
    @Override
    Throwable make() {
      return new Error(TEXT);
    }
  },
  /** Before each call of a provider. */
  PROVIDER(Step.SPI, Step.SPI_IO) {
    @Override
    Throwable make() {
      return new IllegalStateException(TEXT);
    }
  },
  /** Before each call of a provider that declares it. */
  PROVIDER_IO(Step.SPI_IO) {
    @Override
    Throwable make() {
      return new IOException(TEXT);
    }
  },
  /** The thread is interrupted; nothing is thrown. */
  INTERRUPT(Step.ENTRY, Step.BLOCKING) {
    @Override
    Throwable make() {
      return null;
    }
  };

  /** The message of all that is thrown. */
  public static final String TEXT = "injected";

  private final int steps;

  @SuppressWarnings("EnumOrdinal") // Woven code passes numbers.
  Fault(Step... steps) {
    int mask = 0;
    for (Step step : steps) {
      mask |= 1 << step.ordinal();
    }
    this.steps = mask;
  }

  boolean strikes(int step) {
    return (steps & 1 << step) != 0;
  }

  /** What is thrown, or null for an interrupt. */
  abstract Throwable make();
}
