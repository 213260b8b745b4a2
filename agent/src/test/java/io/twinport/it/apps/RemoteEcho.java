package io.twinport.it.apps;

import java.rmi.Remote;
import java.rmi.RemoteException;

/** What {@link RmiServer} offers. */
public interface RemoteEcho extends Remote {
  /** The name of the server's object in its registry. */
  String NAME = "echo";

  /** What {@link RmiClient} offers to the server. */
  interface Callback extends Remote {
    /** Returns one more. */
    int next(int number) throws RemoteException;
  }

  /** Returns what it gets. */
  byte[] echo(byte[] bytes) throws RemoteException;

  /** Calls back so many times, and returns what came of it. */
  int count(Callback callback, int times) throws RemoteException;
}
