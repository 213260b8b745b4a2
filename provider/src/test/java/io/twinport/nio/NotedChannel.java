package io.twinport.nio;

import io.twinport.spi.Seat;
import io.twinport.support.SwitchFixture;
import java.io.FileDescriptor;
import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import sun.nio.ch.SelectionKeyImpl;

/**
 * A channel with nothing to wait for, which notes how it is armed. The test itself names none of
 * these types, because it is looked at where the JDK's package is closed.
 */
final class NotedChannel implements SanChannel {
  private final List<String> heard = new ArrayList<>();
  private final SanKeys keys = new SanKeys();

  static List<String> heardWhileTwoSelectorsComeAndGo() throws IOException {
    NotedChannel channel = new NotedChannel();
    try (TwinSelector first = selector();
        TwinSelector second = selector()) {
      SanKey one = new SanKey(null, channel, first);
      SanKey other = new SanKey(null, channel, second);
      channel.keys.add(one);
      channel.keys.arm(one, SelectionKey.OP_ACCEPT);
      channel.keys.add(other);
      channel.keys.remove(one);
      channel.heard.add("one key gone");
      channel.keys.remove(other);
    }
    return channel.heard;
  }

  private static TwinSelector selector() throws IOException {
    return (TwinSelector) SwitchFixture.provider(Map.of()).openSelector();
  }

  @Override
  public SanKeys sanKeys() {
    return keys;
  }

  @Override
  public void sanDisarm() {
    heard.add(Thread.holdsLock(keys) ? "disarmed under the lock" : "disarmed without the lock");
  }

  @Override
  public boolean sanArm(int interestOps, Seat seat) {
    heard.add(Thread.holdsLock(keys) ? "armed under the lock" : "armed without the lock");
    return false;
  }

  @Override
  public boolean isOnSan() {
    return true;
  }

  @Override
  public boolean isInKernel() {
    return false;
  }

  @Override
  public int sanReady(int interestOps) {
    return 0;
  }

  @Override
  public FileDescriptor getFD() {
    return new FileDescriptor();
  }

  @Override
  public int getFDVal() {
    return -1;
  }

  @Override
  public boolean translateAndUpdateReadyOps(int ops, SelectionKeyImpl key) {
    return false;
  }

  @Override
  public boolean translateAndSetReadyOps(int ops, SelectionKeyImpl key) {
    return false;
  }

  @Override
  public int translateInterestOps(int ops) {
    return 0;
  }

  @Override
  public void kill() {
    // It has no descriptor.
  }

  @Override
  public boolean isOpen() {
    return true;
  }

  @Override
  public void close() {
    // As above.
  }
}
