using System.Numerics;
using Serve.Eval;

namespace Serve.Inference.Decoding;

/// <summary>
/// Greedy non-maximum suppression: boxes come by falling score, and one is kept unless a kept box of its group overlaps it by more than the threshold.
/// </summary>
/// <remarks>
/// Kept boxes of a group lie together as columns, so that a new box is compared with many at once, and only kept ones are compared at all: when enough are
/// kept, the rest is not looked at. Overlaps are computed in float32, as reference implementations do: w * h > threshold * (a + b - w * h).
/// </remarks>
internal sealed class Suppression
{
    private float[] _left = [];
    private float[] _top = [];
    private float[] _right = [];
    private float[] _bottom = [];
    private float[] _area = [];
    private int[] _starts = [];
    private int[] _kept = [];
    private float _threshold;
    private bool _perGroup;

    /// <summary>Begins with nothing kept.</summary>
    /// <param name="groups">Group of each box that may come.</param>
    /// <param name="count">Number of groups.</param>
    /// <param name="threshold">Intersection over union above which boxes are dropped.</param>
    /// <param name="perGroup">False where boxes of all groups suppress each other.</param>
    public void Begin(ReadOnlySpan<int> groups, int count, double threshold, bool perGroup)
    {
        (_threshold, _perGroup) = ((float)threshold, perGroup);
        if (_starts.Length < count + 1)
            (_starts, _kept) = (new int[count + 1], new int[count + 1]);
        Array.Clear(_starts, 0, count + 1);
        Array.Clear(_kept, 0, count + 1);
        foreach (var group in groups)
            _starts[(perGroup ? group : 0) + 1]++;
        for (var group = 1; group <= count; group++)
            _starts[group] = _starts[group - 1] + Whole(_starts[group]);
        Reserve(_starts[count]);
    }

    /// <summary>Keeps a box, or tells that a kept one suppresses it.</summary>
    public bool Keep(int group, Box box)
    {
        group = _perGroup ? group : 0;
        var (left, top, right, bottom) = ((float)box.X1, (float)box.Y1, (float)box.X2, (float)box.Y2);
        var area = Math.Max(0, right - left) * Math.Max(0, bottom - top);
        var end = _starts[group] + _kept[group];
        var (lefts, tops, rights, bottoms) = (new Vector<float>(left), new Vector<float>(top), new Vector<float>(right), new Vector<float>(bottom));
        var (areas, threshold) = (new Vector<float>(area), new Vector<float>(_threshold));
        for (var i = _starts[group]; i < end; i += Vector<float>.Count)
        {
            var width = Vector.MinNative(rights, new Vector<float>(_right, i)) - Vector.MaxNative(lefts, new Vector<float>(_left, i));
            var height = Vector.MinNative(bottoms, new Vector<float>(_bottom, i)) - Vector.MaxNative(tops, new Vector<float>(_top, i));
            var overlap = Vector.MaxNative(width, Vector<float>.Zero) * Vector.MaxNative(height, Vector<float>.Zero);
            if (Vector.GreaterThanAny(overlap, threshold * (areas + new Vector<float>(_area, i) - overlap)))
                return false;
        }

        if (_kept[group] % Vector<float>.Count == 0)
            Empty(end);
        (_left[end], _top[end], _right[end], _bottom[end], _area[end]) = (left, top, right, bottom, area);
        _kept[group]++;
        return true;
    }

    /// <summary>A vector of boxes that overlap nothing, so that a group's last vector needs no mask.</summary>
    private void Empty(int at)
    {
        _left.AsSpan(at, Vector<float>.Count).Fill(float.PositiveInfinity);
        _right.AsSpan(at, Vector<float>.Count).Fill(float.NegativeInfinity);
        _top.AsSpan(at, Vector<float>.Count).Fill(float.PositiveInfinity);
        _bottom.AsSpan(at, Vector<float>.Count).Fill(float.NegativeInfinity);
        _area.AsSpan(at, Vector<float>.Count).Clear();
    }

    private static int Whole(int count) => (count + Vector<float>.Count - 1) / Vector<float>.Count * Vector<float>.Count;

    private void Reserve(int count)
    {
        if (_left.Length >= count)
            return;
        var size = Math.Max(count, 2 * _left.Length);
        (_left, _top, _right, _bottom, _area) = (new float[size], new float[size], new float[size], new float[size], new float[size]);
    }
}
