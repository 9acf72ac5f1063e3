namespace Serve.Training.Data.Orders;

/// <summary>Rearranges an order such that batches hold images of one orientation.</summary>
internal static class AspectGroups
{
    /// <summary>
    /// Images gather in two groups, in their order; a group that has enough for a batch gives it away. The rest of both comes last, and makes at most one mixed batch.
    /// </summary>
    /// <param name="order">The order.</param>
    /// <param name="isWide">Whether an image is wider than high.</param>
    /// <param name="batchSize">Images a batch.</param>
    /// <returns>The same images in a new order.</returns>
    public static SampleKey[] Arrange(IReadOnlyList<SampleKey> order, Func<int, bool> isWide, int batchSize)
    {
        var arranged = new List<SampleKey>(order.Count);
        List<SampleKey> wide = [], others = [];
        foreach (var key in order)
        {
            var group = isWide(key.Index) ? wide : others;
            group.Add(key);
            if (group.Count < batchSize)
                continue;
            arranged.AddRange(group);
            group.Clear();
        }

        return [.. arranged, .. wide, .. others];
    }
}
