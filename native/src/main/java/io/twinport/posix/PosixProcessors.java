package io.twinport.posix;

import io.twinport.spi.Processors;

/** Those of this machine, once {@link Posix} is loaded. */
public final class PosixProcessors implements Processors {
  public static final Processors INSTANCE = new PosixProcessors();

  private PosixProcessors() {}

  @Override
  public int current() {
    return Posix.currentCore();
  }

  @Override
  public boolean change() {
    return Posix.changeCore();
  }

  @Override
  public void rest() {
    Posix.rest();
  }
}
