package io.twinport.nio;

import io.twinport.config.Settings;
import io.twinport.spi.AcceptCondition;
import io.twinport.spi.Bell;
import io.twinport.spi.Reason;
import io.twinport.spi.SanConnection;
import io.twinport.spi.SanListener;
import io.twinport.spi.SanProvider;
import io.twinport.spi.SanUnavailableException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.LinkedBlockingQueue;

/** Hears announcements, of which it heeds those behind its start. */
final class ListeningProvider implements SanProvider {
  static final String ASLEEP = "asleep";
  static final String AWAKE = "awake";

  final LinkedBlockingQueue<String> heard = new LinkedBlockingQueue<>();
  volatile boolean started;

  /** Of whoever has announced a sleep last. */
  volatile Bell bell;

  @Override
  public String name() {
    return "listening";
  }

  @Override
  public void configure(Settings settings) {
    // It has none.
  }

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
  public boolean isStarted() {
    return started;
  }

  @Override
  public void poll(boolean thoroughly) {
    // There are no peers.
  }

  @Override
  public void announceSleep(Bell bell) {
    this.bell = bell;
    heard.add(ASLEEP);
  }

  @Override
  public void announceAwake(Bell bell) {
    heard.add(AWAKE);
  }

  @Override
  public String describe() {
    return "listening";
  }
}
