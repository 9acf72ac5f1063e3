using System.Text.Json;
using Microsoft.ML.OnnxRuntime;

namespace Serve.Inference.Models;

/// <summary>
/// Which provider runs how many nodes of an optimised graph: read from the profile of the first run, which names the provider of every kernel that was
/// called. (The runtime's log tells it only in words.)
/// </summary>
internal static class NodeAssignment
{
    /// <summary>Prepares a session to record its first run.</summary>
    /// <returns>What the profile's name begins with.</returns>
    public static void Record(SessionOptions settings)
    {
        settings.ProfileOutputPathPrefix = Path.Combine(Path.GetTempPath(), $"serve-{Guid.NewGuid():N}");
        settings.EnableProfiling = true;
    }

    /// <summary>Ends the recording and counts.</summary>
    public static IReadOnlyDictionary<string, int> Read(InferenceSession session)
    {
        var path = session.EndProfiling();
        try
        {
            using var stream = File.OpenRead(path);
            using var profile = JsonDocument.Parse(stream);
            var nodes = new HashSet<string>();
            var counts = new SortedDictionary<string, int>(StringComparer.Ordinal);
            foreach (var entry in profile.RootElement.EnumerateArray())
            {
                if (!entry.TryGetProperty("args", out var args) || !args.TryGetProperty("provider", out var provider)
                    || entry.GetProperty("name").GetString() is not { } name || !name.EndsWith("_kernel_time", StringComparison.Ordinal) || !nodes.Add(name))
                    continue;
                var key = provider.GetString() ?? "";
                counts[key] = counts.GetValueOrDefault(key) + 1;
            }

            return counts;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return new SortedDictionary<string, int>();
        }
        finally
        {
            File.Delete(path);
        }
    }
}
