package io.twinport.contract.support;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Ends of a connection that a test needs in its own JVM when it runs over two. A test that needs
 * one runs with the other end elsewhere; one that needs both has to say why.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface Here {
  /** Which end: the listener with what it accepts, or the sockets that connect. */
  enum End {
    LISTENER,
    SOCKET
  }

  End[] value();

  /** Why a connection from one JVM to another can't show what the test shows. */
  String why() default "";
}
