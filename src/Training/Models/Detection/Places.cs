using Serve.Training.Tracing;
using Serve.Training.Tracing.Operators;

namespace Serve.Training.Models.Detection;

/// <summary>Which rows of a rectangle are worth a head's work.</summary>
internal static class Places
{
    /// <summary>Places of the rows that count; the first row of each image always does.</summary>
    /// <remarks>So the work of an export can be counted on its empty example, and runtimes that take no empty lists are given none.</remarks>
    /// <param name="counts">[B, N] bool, N above 0.</param>
    /// <returns>[S, 2] int64: image and row, by image and then row.</returns>
    public static TracedTensor Of(TracedTensor counts)
    {
        var position = counts.Iota(1);
        return counts.Or(position.EqualTo(position.Like(0))).WhereTrue();
    }
}
