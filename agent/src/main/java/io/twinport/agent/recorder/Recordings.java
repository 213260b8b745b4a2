package io.twinport.agent.recorder;

import io.twinport.config.Log;
import io.twinport.registry.Events;
import io.twinport.registry.Registry;
import java.util.List;
import jdk.jfr.FlightRecorder;
import jdk.jfr.FlightRecorderListener;

/**
 * Registers our events as soon as the flight recorder is up: at once if it is, else on the thread
 * that is about to make the first recording, before that begins. Until then a process that has only
 * loaded the recorder's classes pays nothing for it.
 */
final class Recordings implements FlightRecorderListener {
  /** What each event is written with, in the JDKs that there are. */
  private static final List<String> WRITERS =
      List.of("jdk.jfr.internal.event.EventWriter", "jdk.jfr.internal.EventWriter");

  private final Events events;

  private Recordings(Events events) {
    this.events = events;
  }

  static void await() {
    FlightRecorder.addListener(new Recordings(Registry.shared().events()));
  }

  @Override
  public void recorderInitialized(FlightRecorder recorder) {
    findWriter();
    FlightRecorder.register(ConnectEvent.class);
    FlightRecorder.register(AcceptEvent.class);
    FlightRecorder.register(FallbackEvent.class);
    FlightRecorder.register(RefusedEvent.class);
    FlightRecorder.register(ProviderFailedEvent.class);
    FlightRecorder.register(ConnectionStatisticsEvent.class);
    FlightRecorder.addPeriodicEvent(
        ConnectionStatisticsEvent.class, new ConnectionStatistics(Registry.shared()));
    events.observe(new RecordedPaths());
  }

  /** A virtual thread whose event were the first to ask for it would be pinned by that. */
  private static void findWriter() {
    for (String name : WRITERS) {
      try {
        Class.forName(name, true, Recordings.class.getClassLoader());
        return;
      } catch (ClassNotFoundException e) {
        Log.trace(() -> "the flight recorder of this JDK has no " + name);
      }
    }
  }
}
