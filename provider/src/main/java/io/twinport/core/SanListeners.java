package io.twinport.core;

import io.twinport.config.KernelFile;
import io.twinport.config.Log;
import io.twinport.registry.Registry;
import io.twinport.registry.Waiter;
import io.twinport.settings.Rules;
import io.twinport.spi.AcceptCondition;
import io.twinport.spi.NetworkEvent;
import io.twinport.spi.Reason;
import io.twinport.spi.SanConnection;
import io.twinport.spi.SanListener;
import io.twinport.spi.SanProvider;
import io.twinport.spi.SanUnavailableException;
import io.twinport.spi.Seat;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The twin listeners of one server channel, one for each provider that serves its address. */
public final class SanListeners {
  private static final SanListener[] NONE = {};
  private static final int SOMAXCONN = somaxconn();

  private final SanListener[] listeners;

  /** How many there are. Like what follows, it stands once this is seen by another thread. */
  private int count;

  private Reason reason;
  private final Map<String, Reason> without;
  private int turn;

  // Changed under this object's monitor.
  private Reason refusal;
  private volatile Reason held;

  /** What an accept has taken and an Error has kept from the application; else null. */
  volatile SanConnection kept;

  private SanListeners(SanListener[] room, Reason reason, Map<String, Reason> without) {
    this.listeners = room;
    this.reason = reason;
    this.without = without;
  }

  /** No listeners, for a reason, or for none while the channel is not bound. */
  static SanListeners none(Reason reason) {
    return new SanListeners(NONE, reason, Map.of());
  }

  /** No listeners, but room for one of each provider: see {@link #open}. */
  static SanListeners toBeOpened(Switch owner) {
    SanProvider[] providers = owner.providers().allToListen();
    return new SanListeners(
        new SanListener[providers.length],
        providers.length == 0 ? Reason.NO_PROVIDER : Reason.NOT_LOCAL,
        new LinkedHashMap<>());
  }

  /**
   * Listens beside TCP. What does not work is left to TCP; if it throws all the same, the caller
   * closes this.
   *
   * @param local the address TCP listens on, with its real port
   * @param backlog as the application gave it
   * @param attachment what the listeners' events are about
   */
  void open(Switch owner, InetSocketAddress local, int backlog, Object attachment) {
    Rules.Use use = owner.rules().use(Rules.Call.LISTEN, local.getAddress(), local.getPort());
    if (use == Rules.Use.TCP) {
      reason = Reason.RULE;
      return;
    }
    for (SanProvider provider : owner.providers().all()) {
      int before = count;
      try {
        if (provider.serves(local.getAddress())) {
          listen(owner, provider, local, backlog, attachment);
        }
      } catch (SanUnavailableException e) {
        without.put(provider.name(), e.reason());
        owner.registry().events().withoutTwin(local, provider.name(), e.reason());
        Log.debug(() -> "no " + provider.name() + " listener on " + local + ": " + e.getMessage());
      } catch (IOException | RuntimeException | Error e) {
        if (count != before) {
          throw new IllegalStateException("a listener that can't be closed", e);
        }
        without.put(provider.name(), Reason.PROVIDER_FAILED);
        owner.registry().events().withoutTwin(local, provider.name(), Reason.PROVIDER_FAILED);
        owner.providers().failed(provider, "no twin on " + local, e);
      }
    }
    if (count > 0) {
      reason = null;
      return;
    }
    for (Reason why : without.values()) {
      reason = why; // The last word is that of the last who was asked, as for a connect.
    }
  }

  private void listen(
      Switch owner, SanProvider provider, InetSocketAddress local, int backlog, Object attachment)
      throws IOException {
    int queue = backlog <= 0 ? SOMAXCONN : Math.min(backlog, SOMAXCONN);
    AcceptCondition condition = new Condition(owner, local);
    SanListener listener = provider.listen(local, queue, condition);
    listeners[count] = listener; // From here on, closing this closes it.
    count++;
    try {
      listener.attach(attachment);
    } catch (RuntimeException | Error e) {
      listener.close(); // Or clients would go on to connect to it.
      count--;
      throw e;
    }
  }

  /** Who may connect over the SAN: as the rules say, and at an address that no TCP client has. */
  private record Condition(Switch owner, InetSocketAddress local) implements AcceptCondition {
    @Override
    public Reason check(InetSocketAddress destination) {
      if (owner.registry().isOff(local.getPort())) {
        return Reason.SWITCHED_OFF;
      }
      Rules.Use use =
          owner.rules().use(Rules.Call.LISTEN, destination.getAddress(), destination.getPort());
      return use == Rules.Use.TCP ? Reason.RULE : null;
    }

    @Override
    public boolean isFree(InetSocketAddress remote) {
      return owner.registry().isFree(remote);
    }

    @Override
    public void backlogFull(InetSocketAddress remote, Reason reason) {
      owner.registry().events().refusedAtListener(local, remote, reason);
    }
  }

  /** Whether there are none. */
  public boolean isEmpty() {
    return count == 0;
  }

  /**
   * Describes them, for the registry.
   *
   * @param refused why there is nothing for new clients, or null
   */
  Registry.Listener describe(InetSocketAddress local, Reason refused, Waiter waiter) {
    int queued = 0;
    int backlog = 0;
    long accepted = 0;
    long full = 0;
    long givenUp = 0;
    for (int i = 0; i < count; i++) {
      SanListener listener = listeners[i];
      queued += listener.queued();
      backlog += listener.backlog();
      accepted += listener.accepted();
      full += listener.refused();
      givenUp += listener.givenUp();
    }
    return new Registry.Listener(
        local,
        providers(),
        isEmpty() ? reason : refused,
        without,
        queued,
        backlog,
        accepted,
        full,
        givenUp,
        waiter);
  }

  /** The names of the providers that have a listener here. */
  private List<String> providers() {
    return Arrays.stream(listeners, 0, count).map(SanListener::provider).toList();
  }

  boolean isReady() {
    if (kept != null) {
      return true;
    }
    for (int i = 0; i < count; i++) {
      SanListener listener = listeners[i];
      if (listener.readyEvents(NetworkEvent.ACCEPT) != 0) {
        return true;
      }
    }
    return false;
  }

  /** Event-selects all listeners; returns whether one has a request already. */
  boolean arm(Seat seat) {
    boolean ready = kept != null;
    for (int i = 0; i < count; i++) {
      SanListener listener = listeners[i];
      // Reset before the look: a request behind it signals again. Without the reset, the signal of
      // a request that was accepted long ago would keep the next one from being told.
      listener.event().enumerate();
      ready |= listener.arm(NetworkEvent.ACCEPT, seat) != 0;
    }
    return ready;
  }

  /** Nobody waits any more: what arrives is recorded and told to whoever arms next. */
  public void disarm() {
    for (int i = 0; i < count; i++) {
      SanListener listener = listeners[i];
      listener.arm(NetworkEvent.ACCEPT, null);
    }
  }

  /** Takes one request, or null. The listeners take turns. Called under the accept lock. */
  SanConnection accept() {
    for (int i = 0; i < count; i++) {
      turn = turn + 1 < count ? turn + 1 : 0;
      SanListener listener = listeners[turn];
      if (listener.readyEvents(NetworkEvent.ACCEPT) != 0) {
        listener.event().enumerate();
        try {
          SanConnection connection = listener.accept();
          if (connection != null) {
            return connection;
          }
        } catch (IOException e) {
          Log.debug(() -> "accept on " + listener.localAddress() + ": " + Log.cause(e));
        }
      }
    }
    return null;
  }

  /** Sends new clients to TCP for a reason, or takes them again (null), unless they are held. */
  synchronized void refuse(Reason why) {
    refusal = why;
    tellRefusal(held == null ? why : held);
  }

  /**
   * Sends new clients to TCP for a reason of the listener's own, until this is taken back (null).
   */
  void hold(Reason why) {
    if (held != why) {
      synchronized (this) {
        tellRefusal(why == null ? refusal : why);
        held = why; // Behind it: what an Error ends is done again.
      }
    }
  }

  /** Why new clients are held off, or null. */
  Reason held() {
    return held;
  }

  private void tellRefusal(Reason why) {
    for (int i = 0; i < count; i++) {
      SanListener listener = listeners[i];
      listener.refuse(why);
    }
  }

  /**
   * Closes them all. Never fails: the TCP socket is still to be closed, and a waiter to be woken.
   */
  void close() {
    for (int i = 0; i < count; i++) {
      SanListener listener = listeners[i];
      try {
        close(listener);
      } catch (RuntimeException | LinkageError e) {
        Log.warn(
            "the "
                + listener.provider()
                + " twin on "
                + listener.localAddress()
                + " could not be closed: "
                + Log.cause(e));
      }
    }
    SanConnection connection = kept;
    if (connection != null) {
      connection.abort();
      kept = null;
    }
  }

  /** Once more if it fails, since what has ended it may have passed. */
  private static void close(SanListener listener) {
    try {
      listener.close();
    } catch (RuntimeException | LinkageError e) {
      Log.debug(() -> "close of a twin on " + listener.localAddress() + ": " + Log.cause(e));
      listener.close();
    }
  }

  /** The kernel's own bound on TCP's backlog, which holds for ours as well. */
  private static int somaxconn() {
    try {
      String text = KernelFile.text("/proc/sys/net/core/somaxconn");
      return Math.max(1, Integer.parseInt(text.trim()));
    } catch (IOException | NumberFormatException e) {
      return 4096; // Linux's default since 5.4, where /proc does not tell.
    }
  }
}
