package io.twinport.contract.support;

import java.nio.channels.spi.AsynchronousChannelProvider;
import java.nio.channels.spi.SelectorProvider;
import sun.nio.ch.DefaultAsynchronousChannelProvider;
import sun.nio.ch.DefaultSelectorProvider;

/** The JDK's own TCP channels: the oracle. */
public final class JdkTransport implements Transport {
  /** The JDK's provider, whether or not another one is installed. */
  public static final SelectorProvider PROVIDER = DefaultSelectorProvider.get();

  /** As {@link #PROVIDER}, for asynchronous channels. */
  public static final AsynchronousChannelProvider ASYNCHRONOUS =
      DefaultAsynchronousChannelProvider.create();

  @Override
  public String name() {
    return "jdk-tcp";
  }

  @Override
  public SelectorProvider provider() {
    return PROVIDER;
  }

  @Override
  public AsynchronousChannelProvider asynchronousProvider() {
    return ASYNCHRONOUS;
  }

  @Override
  public boolean san() {
    return false;
  }
}
