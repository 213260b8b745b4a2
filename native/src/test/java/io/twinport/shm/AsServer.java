package io.twinport.shm;

import io.twinport.posix.LingeringSocket;
import io.twinport.posix.UnixSocket;
import io.twinport.shm.link.LinkMessages;
import io.twinport.shm.rendezvous.TwinNames;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;

/** Attacks of an {@link Attacker} that holds the name which its victims dial. */
final class AsServer {
  private static final long PAUSE_NANOS = 1_000_000;

  /** What is not closed before the process ends. */
  private static final Queue<AutoCloseable> HELD = new ConcurrentLinkedQueue<>();

  /** What a liar does with whoever comes. */
  @FunctionalInterface
  private interface Lie {
    void to(ForgedPeer client) throws IOException;
  }

  private AsServer() {}

  /** Listens in the place of {@code listener}'s twin, and lies to each that comes. */
  static Attacker.Attack squat(InetSocketAddress listener, String how) {
    Lie lie =
        switch (how) {
          case "silent" -> client -> {};
          case "linger" -> AsServer::linger;
          case "wires" -> AsServer::wires;
          case "short" -> AsServer::leaveTheReasonOut;
          default -> throw new IllegalArgumentException(how);
        };
    return () -> {
      int name = UnixSocket.listen(TwinNames.of(listener), 10);
      Attacker.aside(
          () -> {
            while (true) {
              int client = UnixSocket.accept(name);
              if (client >= 0) {
                Attacker.DONE.incrementAndGet();
                ForgedPeer peer = ForgedPeer.with(client);
                Attacker.aside(() -> lie(lie, peer));
              } else {
                LockSupport.parkNanos(PAUSE_NANOS);
              }
            }
          });
    };
  }

  private static Void lie(Lie lie, ForgedPeer client) throws IOException {
    try {
      lie.to(client);
    } catch (IOException e) {
      if (!Attacker.isTurnedAway(e)) {
        throw e;
      }
    }
    return null;
  }

  /** Welcomes it with what takes for ever to close. */
  private static void linger(ForgedPeer client) throws IOException {
    LingeringSocket lingering = new LingeringSocket();
    HELD.add(lingering);
    try {
      if (client.receive().type == LinkMessages.HELLO) {
        client.send(LinkMessages.welcome(ForgedPeer.id()), lingering.fd(), client.bell);
      }
    } finally {
      lingering.closeOwn();
    }
  }

  /** Never decides on its request, has it ring at a wire that blocks, and abuses its wires. */
  private static void wires(ForgedPeer client) throws IOException {
    client.expect(LinkMessages.HELLO);
    client.send(LinkMessages.welcome(ForgedPeer.id()), client.boardFd, AsClient.blockingWire());
    client.victimsBell = client.expect(LinkMessages.BOARD).fds[1];
    AsClient.fallAsleep(client);
    client.grant(20_000);
    int permit = client.expect(LinkMessages.ASK_PERMIT).body.getInt();
    AsClient.abuse(client.victimsBell);
    client.send(LinkMessages.number(LinkMessages.PERMITTED, permit));
    Attacker.aside(
        () -> {
          while (true) {
            AsClient.fallAsleep(client);
            client.ring();
            LockSupport.parkNanos(PAUSE_NANOS);
          }
        });
  }

  /** Refuses it a permit, and does not say why. */
  private static void leaveTheReasonOut(ForgedPeer client) throws IOException {
    client.welcome();
    client.grant(20_000);
    int permit = client.expect(LinkMessages.ASK_PERMIT).body.getInt();
    client.send(LinkMessages.number(LinkMessages.NOT_PERMITTED, permit));
  }
}
