package io.twinport.support;

import io.twinport.spi.AcceptCondition;
import io.twinport.spi.Bell;
import io.twinport.spi.Configuration;
import io.twinport.spi.Reason;
import io.twinport.spi.SanConnection;
import io.twinport.spi.SanListener;
import io.twinport.spi.SanProvider;
import io.twinport.spi.SanUnavailableException;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** A provider that serves nothing, reaches nothing and has no peers. */
public abstract class IdleProvider implements SanProvider {
  private final String name;

  public IdleProvider(String name) {
    this.name = name;
  }

  @Override
  public final String name() {
    return name;
  }

  @Override
  public void configure(Configuration configuration) {}

  @Override
  public boolean serves(InetAddress local) {
    return false;
  }

  @Override
  public boolean reaches(InetAddress destination) {
    return false;
  }

  @Override
  public SanListener listen(InetSocketAddress local, int backlog, AcceptCondition condition)
      throws SanUnavailableException {
    throw new SanUnavailableException(Reason.NOT_LOCAL);
  }

  @Override
  public SanConnection connect(InetSocketAddress remote, InetSocketAddress local)
      throws SanUnavailableException {
    throw new SanUnavailableException(Reason.NOT_LOCAL);
  }

  @Override
  public void poll(boolean thoroughly) {}

  @Override
  public void announceSleep(Bell bell) {}

  @Override
  public void announceAwake(Bell bell) {}

  @Override
  public String describe() {
    return name;
  }
}
