package io.twinport.support;

import io.twinport.spi.Bell;
import java.util.concurrent.LinkedBlockingQueue;

/** Hears announcements, of which it heeds those behind its start. */
public final class ListeningProvider extends IdleProvider {
  public static final String ASLEEP = "asleep";
  public static final String AWAKE = "awake";

  public final LinkedBlockingQueue<String> heard = new LinkedBlockingQueue<>();
  public volatile boolean started;

  /** Of whoever has announced a sleep last. */
  public volatile Bell bell;

  public ListeningProvider() {
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
