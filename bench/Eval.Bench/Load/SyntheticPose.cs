namespace Serve.Eval.Bench.Load;

/// <summary>The seventeen keypoints of made-up people.</summary>
internal static class SyntheticPose
{
    private const int Points = 17;

    /// <summary>x, y, visibility of each point of an object: spread over its box, a quarter of them not labelled.</summary>
    public static double[] Of(SyntheticObject person, int seed, out int labelled)
    {
        var random = new Random(seed);
        var (box, values) = (person.Box, new double[3 * Points]);
        var none = person.IsCrowd || random.Next(4) == 0;
        labelled = 0;
        for (var i = 0; i < Points; i++)
        {
            var (x, y) = (Math.Round(box.X + (random.NextDouble() * box.Width)), Math.Round(box.Y + (random.NextDouble() * box.Height)));
            if (random.Next(4) == 0 || none)
                continue;
            (values[3 * i], values[(3 * i) + 1], values[(3 * i) + 2]) = (x, y, random.Next(1, 3));
            labelled++;
        }
        return values;
    }

    /// <summary>The points as found, in 32-bit numbers: near those of the pose where there is one, else anywhere in the box.</summary>
    public static double[] Detected(Box box, double[]? pose, Random random)
    {
        var values = new double[3 * Points];
        var spread = 0.08 * random.NextDouble();
        for (var i = 0; i < Points; i++)
        {
            var near = pose is not null && pose[(3 * i) + 2] > 0;
            var (x, y) = near ? (pose![3 * i], pose[(3 * i) + 1]) : (box.X + (random.NextDouble() * box.Width), box.Y + (random.NextDouble() * box.Height));
            values[3 * i] = (float)(x + (spread * box.Width * ((2 * random.NextDouble()) - 1)));
            values[(3 * i) + 1] = (float)(y + (spread * box.Height * ((2 * random.NextDouble()) - 1)));
            values[(3 * i) + 2] = 1;
        }
        return values;
    }
}
