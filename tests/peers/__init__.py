"""Compare the gateway with its npm peers. A developer's target: nothing here is part of the product or its tests."""
