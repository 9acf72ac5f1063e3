using System.Net.Sockets;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Serve.Api.Storage;

/// <summary>A database that cannot do its work now: not a fault of the request, nor of the server.</summary>
/// <param name="IsFull">True when its disk is full, false when it cannot be reached or is busy.</param>
/// <param name="Text">What a client is told.</param>
internal sealed record DatabaseFault(bool IsFull, string Text)
{
    // SQLite's result codes: busy, locked, read-only, input/output error, full, cannot be opened.
    private const int Busy = 5, Locked = 6, ReadOnly = 8, Io = 10, Full = 13, CannotOpen = 14;

    private static readonly DatabaseFault Gone = new(false, "The database cannot be reached now. Nothing was lost; try again.");
    private static readonly DatabaseFault Waiting = new(false, "The database is busy. Try again.");
    private static readonly DatabaseFault NoRoom = new(true, "The disk of the database is full.");

    /// <summary>The fault behind an exception; null when it is another one.</summary>
    public static DatabaseFault? Of(Exception exception)
    {
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            switch (cause)
            {
                case PostgresException fault:
                    return OfState(fault.SqlState);
                case NpgsqlException { InnerException: IOException or SocketException or TimeoutException } or NpgsqlException { IsTransient: true }:
                    return Gone;
                case SqliteException fault:
                    return fault.SqliteErrorCode switch
                    {
                        Busy or Locked => Waiting,
                        Full => NoRoom,
                        ReadOnly or Io or CannotOpen => Gone,
                        _ => null,
                    };
            }
        }
        return null;
    }

    // Classes of PostgreSQL's codes: 08 no connection, 57P shut down or starting, 53 out of something, 40 given up for another transaction.
    private static DatabaseFault? OfState(string state) => state switch
    {
        PostgresErrorCodes.DiskFull => NoRoom,
        ['0', '8', ..] or ['5', '7', 'P', ..] or ['5', '3', ..] or PostgresErrorCodes.IoError => Gone,
        ['4', '0', ..] or PostgresErrorCodes.LockNotAvailable => Waiting,
        _ => null,
    };
}
