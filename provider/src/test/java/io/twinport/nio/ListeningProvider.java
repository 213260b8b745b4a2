package io.twinport.nio;

import io.twinport.spi.Bell;
import java.util.concurrent.LinkedBlockingQueue;

/** Hears announcements, of which it heeds those behind its start. */
final class ListeningProvider extends IdleProvider {
  static final String ASLEEP = "asleep";
  static final String AWAKE = "awake";

  final LinkedBlockingQueue<String> heard = new LinkedBlockingQueue<>();
  volatile boolean started;

  /** Of whoever has announced a sleep last. */
  volatile Bell bell;

  ListeningProvider() {
    super("listening");
  }

  @Override
  public boolean isStarted() {
    return started;
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
}
