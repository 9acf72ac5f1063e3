using Serve.Inference.Detection;

namespace Serve.Inference.Tests.Detection;

public sealed class RunSeatsTests
{
    [Fact]
    public void The_preferred_seat_is_taken_where_it_is_free_and_else_the_first_that_is()
    {
        var seats = new RunSeats(3);

        Assert.Equal([1, 0, 2], [Taken(seats, 1), Taken(seats, 1), Taken(seats, 1)]);
    }

    [Fact]
    public void Where_all_are_taken_there_is_none_until_one_is_given_back()
    {
        var seats = new RunSeats(2);
        Taken(seats, 0);
        Taken(seats, 0);

        Assert.False(seats.TryTakeFree(0, out var none));
        Assert.Equal(-1, none);
        seats.Leave(1);
        Assert.Equal(1, Taken(seats, 0));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(2)]
    public void A_number_that_is_no_seat_prefers_none(int preferred) => Assert.Equal(0, Taken(new RunSeats(2), preferred));

    [Fact]
    public void One_seat_is_taken_once()
    {
        var seats = new RunSeats(2);

        Assert.True(seats.TryTake(0));
        Assert.False(seats.TryTake(0));
        Assert.Equal(1, Taken(seats, 0));
    }

    private static int Taken(RunSeats seats, int preferred) => seats.TryTakeFree(preferred, out var seat) ? seat : throw new InvalidOperationException("All seats are taken.");
}
