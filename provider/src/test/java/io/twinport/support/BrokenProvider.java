package io.twinport.support;

import io.twinport.spi.AcceptCondition;
import io.twinport.spi.SanConnection;
import io.twinport.spi.SanListener;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** A provider that says it serves everything and then fails in a way nobody has declared. */
public class BrokenProvider extends IdleProvider {
  public BrokenProvider(String name) {
    super(name);
  }

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
}
