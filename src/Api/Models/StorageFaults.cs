using Serve.Api.Problems;

namespace Serve.Api.Models;

/// <summary>Tells what the disk of a folder refuses: it is full, or may not be written.</summary>
internal static class StorageFaults
{
    // ENOSPC, EROFS and EDQUOT of Linux; ERROR_HANDLE_DISK_FULL and ERROR_DISK_FULL of Windows.
    private static readonly int[] Full = [28, 122, 39, 112];
    private const int ReadOnly = 30;

    /// <summary>Whether a disk is full.</summary>
    public static bool IsFull(IOException fault) => Full.Contains(fault.HResult & 0xFFFF);

    /// <summary>Does something with a folder.</summary>
    /// <param name="work">What.</param>
    /// <param name="folder">What the folder is called.</param>
    /// <exception cref="RequestRefusedException">507: the disk is full or cannot be written.</exception>
    public static async Task<T> TellAsync<T>(Func<Task<T>> work, string folder = "models folder")
    {
        try
        {
            return await work();
        }
        catch (IOException fault) when (IsFull(fault))
        {
            throw new RequestRefusedException(StatusCodes.Status507InsufficientStorage, $"The disk of the {folder} is full; nothing was changed.");
        }
        catch (Exception fault) when (fault is UnauthorizedAccessException || (fault is IOException && (fault.HResult & 0xFFFF) == ReadOnly))
        {
            throw new RequestRefusedException(StatusCodes.Status507InsufficientStorage, $"The server may not write into its {folder}; nothing was changed.");
        }
    }
}
