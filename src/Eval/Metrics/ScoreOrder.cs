namespace Serve.Eval.Metrics;

/// <summary>
/// Highest score first; equal scores keep their former order, as a stable sort does. Because no two entries compare equal, the result is
/// the same whichever algorithm sorts.
/// </summary>
internal readonly record struct ScoreOrder(double Score, int Place) : IComparable<ScoreOrder>
{
    /// <inheritdoc/>
    public int CompareTo(ScoreOrder other)
    {
        var byScore = other.Score.CompareTo(Score);
        return byScore != 0 ? byScore : Place.CompareTo(other.Place);
    }
}
