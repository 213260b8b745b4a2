package io.twinport.spi;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A SAN service provider, found by {@link java.util.ServiceLoader}.
 *
 * <p>Constructing one costs nothing and loads no native code; a provider starts itself at the first
 * {@link #prepare} or {@link #listen}, or at the first {@link #connect} that has any chance to
 * succeed.
 */
public interface SanProvider {
  /** The name used in {@code twinport.providers}, such as {@code shm}. */
  String name();

  /**
   * Has the provider read what is set for it, now and not later. Called once, before anything else
   * but {@link #name}. A value that makes no sense is worth one line, which names the property.
   */
  void configure(Configuration configuration);

  /**
   * The names of all that {@link #configure} may ask for, as {@link Configuration#value} takes
   * them. Asked of providers that are not used, too, before a setting is called unknown; what
   * begins with the name of one that says nothing here is left to it.
   */
  default Set<String> settings() {
    return Set.of();
  }

  /**
   * Says that this process is about to listen. A provider that takes long to start may begin now,
   * in the background. Never blocks; may be called more than once, by any thread.
   */
  default void prepare() {}

  /**
   * Whether a listener bound to {@code local} can have a twin here: the wildcard, or an address the
   * provider serves. Loads no native code.
   */
  boolean serves(InetAddress local);

  /** Whether {@code destination} lies where this provider reaches. Cheap; loads no native code. */
  boolean reaches(InetAddress destination);

  /**
   * Creates a listener on the address and port that TCP already listens on.
   *
   * @param backlog how many requests it queues, at least 1
   * @throws SanUnavailableException with the reason why there is no twin
   */
  SanListener listen(InetSocketAddress local, int backlog, AcceptCondition condition)
      throws IOException;

  /**
   * Begins to connect. Never blocks: what takes time is done by a thread of the provider, and the
   * outcome is the connection's {@link NetworkEvent#CONNECT}.
   *
   * @param local the address the application has bound, or null if it bound none
   * @throws SanUnavailableException if it is certain already that TCP has to be used
   * @throws java.net.ConnectException if the connection is refused already, for good
   */
  SanConnection connect(InetSocketAddress remote, @Nullable InetSocketAddress local)
      throws IOException;

  /**
   * Whether the provider has started, and so hears {@link #announceSleep}. It has when it returns
   * its first listener, and before its first connection is up. Cheap.
   */
  default boolean isStarted() {
    return true;
  }

  /**
   * Takes what has arrived from other processes and posts it to the seats concerned. No system
   * call, no blocking. A provider whose own thread posts does nothing here.
   *
   * @param thoroughly whether to wait for a lock that another polling thread holds; false where the
   *     caller polls again soon, true before it sleeps
   */
  void poll(boolean thoroughly);

  /**
   * As {@code poll(true)}, and takes also what only the provider's own thread would see: for
   * callers who look once and don't wait. {@link #poll} may leave out peers that have been idle for
   * long and tell that thread of whatever they do.
   */
  default void pollAll() {
    poll(true);
  }

  /**
   * Says that the owner of {@code bell} is about to sleep: from now on peers ring it. Ends with a
   * full fence. The caller then looks once more at all it waits for (with {@code poll(true)} or
   * {@link SanTarget#readyEvents}) before it sleeps: either a peer sees the announcement, or this
   * look sees what the peer did.
   */
  void announceSleep(Bell bell);

  /**
   * Takes {@link #announceSleep} back: peers no longer ring. Then polls, behind a full fence: who
   * has seen the announcement, and so rings, has pushed before, and is found by this poll. A bell
   * that is heard later has nothing to tell.
   */
  void announceAwake(Bell bell);

  /**
   * The machine's processors, if the provider has the native code to ask for them; else null. Asked
   * again and again until one answers. Cheap.
   */
  default @Nullable Processors processors() {
    return null;
  }

  /**
   * The process ends as soon as this returns; its shutdown hooks have run. Has the provider's own
   * threads leave native code, where the JVM would wait 300 ms for them. They serve nobody any more
   * then. Takes no longer than that would.
   */
  default void processEnds() {}

  /**
   * Processes of this host that were told to use TCP before they could ask for a connection, by
   * their ids as seen here, and why. Nothing else says so of the connections that they make then. A
   * bounded number, the last ones.
   */
  default Map<Long, Reason> refusedPeers() {
    return Map.of();
  }

  /**
   * Hosts with a process that was told so, and why, where no more than the host is known of it: as
   * far as can be told, that is why clients of the host come over TCP. A bounded number.
   */
  default Map<InetAddress, Reason> refusedHosts() {
    return Map.of();
  }

  /**
   * The connections that were closed here and can't end yet, because the peer has not taken what
   * was written, or has not closed. For people.
   */
  default List<SanConnection> closing() {
    return List.of();
  }

  /** One line for {@code status}: memory in use, links, and the like. */
  String describe();
}
