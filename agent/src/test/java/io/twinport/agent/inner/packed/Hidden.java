package io.twinport.agent.inner.packed;

/** Also packed into a jar, where a class loader under test must find it first. */
public final class Hidden implements Runnable {
  @Override
  public void run() {}
}
