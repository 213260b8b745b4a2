package io.twinport.nio;

import io.twinport.config.Settings;
import io.twinport.spi.AcceptCondition;
import io.twinport.spi.Bell;
import io.twinport.spi.SanConnection;
import io.twinport.spi.SanListener;
import io.twinport.spi.SanProvider;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** A provider that says it serves everything and then fails in a way nobody has declared. */
class BrokenProvider implements SanProvider {
  private final String name;

  BrokenProvider(String name) {
    this.name = name;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public void configure(Settings settings) {}

  @Override
  public boolean serves(InetAddress local) {
    return true;
  }

  @Override
  public boolean reaches(InetAddress destination) {
    return true;
  }

  @Override
  public SanListener listen(InetSocketAddress local, int backlog, AcceptCondition condition) {
    throw new UnsatisfiedLinkError("no native code");
  }

  @Override
  public SanConnection connect(InetSocketAddress remote, InetSocketAddress local) {
    throw new IllegalStateException("not started");
  }

  @Override
  public void poll(boolean thoroughly) {}

  @Override
  public void announceSleep(Bell bell) {}

  @Override
  public void announceAwake(Bell bell) {}

  @Override
  public String describe() {
    return "broken";
  }
}
