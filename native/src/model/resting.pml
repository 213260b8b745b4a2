/*
 * How a link comes to rest, so that nobody looks at it, and is looked at again: Link.rest,
 * Links.lookAt, OwnWire.ready, ControlSegment.push, PeerBells.wake, Board.announceSleep. The node's
 * thread has the link rest and takes it up; a sleeper polls what is on the list, sleeps, and is woken
 * by the peer if the link is looked at; the peer pushes.
 *
 * Memory as in wakeup.pml: each process's stores come to be seen later, in their order. Node and
 * sleeper are threads of one process: each has a buffer of its own. The list is a volatile field, which
 * is stored with a fence behind it.
 *
 * Claim: every push is taken. Spin finds one that is not as an invalid end state.
 *
 * Each of these takes one thing out, and the claim fails:
 *   NO_FENCE_BEHIND_PUSH      the peer looks at RESTING before its push can be seen
 *   NO_FENCE_BEHIND_RESTING   the node looks at the pushes before it is seen that the link rests
 *   NO_LOOK_BEHIND_RESTING    the node does not look again
 *   NO_LOOK_WHEN_RUNG         the node, once rung, does not look
 */
#define PUSHES 3

#define PUSHED   0
#define RESTING  1
#define SEAT     2	/* 1 while the sleeper sleeps */
#define UNLISTED 3
byte mem[4];

byte taken;		/* pushes that were taken by anybody: a lock is held while that is done */
byte rests;		/* how often the link has come to rest */
bool over;		/* the peer has pushed all */

chan buffered0 = [3] of { byte, byte };	/* the peer */
chan buffered1 = [3] of { byte, byte };	/* the node's thread */
chan buffered2 = [3] of { byte, byte };	/* the sleeper */

bool edge0;		/* the node's wire */
bool edge1;		/* the sleeper's wire */

inline fence0() { empty(buffered0) }
inline fence1() { empty(buffered1) }
inline fence2() { empty(buffered2) }

/* Link.poll: what can be seen is taken. */
inline poll() { atomic { if :: mem[PUSHED] > taken -> taken = mem[PUSHED] :: else fi } }

active proctype visible0()
{	byte where, what;
end:	do
	:: atomic { buffered0?where, what -> mem[where] = what }
	od
}

active proctype visible1()
{	byte where, what;
end:	do
	:: atomic { buffered1?where, what -> mem[where] = what }
	od
}

active proctype visible2()
{	byte where, what;
end:	do
	:: atomic { buffered2?where, what -> mem[where] = what }
	od
}

/* ControlSegment.notifyPeer */
active proctype peer()
{	byte pushed, seat;
	do
	:: pushed < PUSHES ->
		pushed++;
		buffered0!PUSHED, pushed;
#ifndef NO_FENCE_BEHIND_PUSH
		fence0();
#endif
		if
		:: mem[RESTING] != 0 -> atomic { fence0(); edge0 = true }
		:: else ->
			seat = mem[SEAT];
			if
			:: seat -> atomic { fence0(); edge1 = true }
			:: else
			fi
		fi
	:: else -> break
	od;
	atomic { fence0(); over = true }
}

/* The node's thread. It sleeps in epoll but for its wire, and for the time at which links rest. */
active proctype node()
{	byte seen;
	bool resting;
end:	do
	:: atomic { edge0 -> edge0 = false };
		/* Link.rung */
		if
		:: resting ->
			buffered1!UNLISTED, 0;
			fence1();
			buffered1!RESTING, 0;
			resting = false
		:: else
		fi;
#ifndef NO_LOOK_WHEN_RUNG
		/* EventLoop.step, in each round */
		poll()
#endif
	:: !resting && rests < 2 ->
		/* Link.rest */
		rests++;
		seen = mem[PUSHED];
		if
		:: seen == taken ->
			resting = true;
			buffered1!RESTING, 1;
#ifndef NO_FENCE_BEHIND_RESTING
			fence1();
#endif
			if
#ifndef NO_LOOK_BEHIND_RESTING
			:: mem[PUSHED] != seen ->
				buffered1!RESTING, 0;
				resting = false
#endif
			:: else ->
				buffered1!UNLISTED, 1;
				fence1()
			fi
		:: else
		fi
	od
}

/* Somebody who waits for the SAN. */
active proctype sleeper()
{
	do
	:: over && taken == PUSHES -> break
	:: else ->
		/* awake, or spinning */
		if
		:: !mem[UNLISTED] -> poll()
		:: true
		fi;
		buffered2!SEAT, 1;
		fence2();
		if
		:: !mem[UNLISTED] -> poll()
		:: else
		fi;
		/* the node's thread may have taken the last one and posted */
		atomic { empty(buffered2) && (edge1 || taken == PUSHES) -> edge1 = false };
		buffered2!SEAT, 0;
		fence2();
		if
		:: !mem[UNLISTED] -> poll()
		:: else
		fi
	od
}
