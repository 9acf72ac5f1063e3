using NetVips;

namespace Serve.Inference.Pictures;

/// <summary>The native picture library, set up once for a server that decodes what strangers send.</summary>
internal static class LibVips
{
    // Held so that the native side may call it as long as the process lives.
    private static readonly Log.LogDelegate Silent = static (_, _, _) => { };

    private static readonly ReaderWriterLockSlim Gate = new();

    static LibVips()
    {
        // Loaders that are not hardened against hostile files (SVG among them) are never reached.
        NetVips.NetVips.BlockUntrusted = true;

        // No picture is decoded twice, so a cache of operations would only hold memory.
        Cache.Max = 0;

        // One worker a picture: pictures are decoded side by side, not split over threads.
        NetVips.NetVips.Concurrency = 1;

        // Warnings about broken files would go to stderr; the cause is in the exception.
        Log.SetLogHandler("VIPS", Enums.LogLevelFlags.All, Silent);
    }

    /// <summary>Begins work that runs beside other work. Dispose to end it.</summary>
    public static Turn Beside()
    {
        Gate.EnterReadLock();
        return new Turn(exclusive: false);
    }

    /// <summary>
    /// Begins work that runs alone. The library collects its error messages in one place for the whole process, so only then do they surely belong to
    /// the picture at hand. Dispose to end it.
    /// </summary>
    public static Turn Alone()
    {
        Gate.EnterWriteLock();
        ForgetErrors();
        return new Turn(exclusive: true);
    }

    /// <summary>Creating the exception takes what was collected so far.</summary>
    public static void ForgetErrors() => _ = new VipsException("");

    /// <summary>A piece of work with the library.</summary>
    internal readonly ref struct Turn(bool exclusive)
    {
        /// <summary>Ends the work.</summary>
        public void Dispose()
        {
            if (exclusive)
                Gate.ExitWriteLock();
            else
                Gate.ExitReadLock();
        }
    }
}
